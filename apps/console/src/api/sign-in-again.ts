/** Asks the person to sign in again, wherever a call needs it. */
type Asker = (answer: (isDone: boolean) => void) => void;

let asker: Asker | undefined;
let asking: Promise<boolean> | undefined;

export function answerSignInAgain(wanted: Asker | undefined): void {
  asker = wanted;
}

/** @returns whether they did; several calls at once ask once */
export function signInAgain(): Promise<boolean> {
  asking ??= new Promise<boolean>((answer) => {
    if (asker) asker(answer);
    else answer(false);
  }).finally(() => {
    asking = undefined;
  });
  return asking;
}
