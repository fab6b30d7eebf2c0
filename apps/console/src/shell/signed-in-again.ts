/** The page that a window for signing in again ends at tells the others by this. */
export const signedInAgain = 'signed-in-again';
