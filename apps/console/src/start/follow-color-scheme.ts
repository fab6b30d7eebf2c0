/** The name by which the component library keeps what was chosen. */
const chosenName = 'mantine-color-scheme-value';

/** Light or dark from the first moment on, as it was chosen, or as the system has it. */
export function followColorScheme(): void {
  const system = window.matchMedia('(prefers-color-scheme: dark)');
  const apply = () => {
    const chosen = localStorage.getItem(chosenName);
    const own = chosen === 'light' || chosen === 'dark' ? chosen : undefined;
    document.documentElement.dataset['mantineColorScheme'] = own ?? (system.matches ? 'dark' : 'light');
  };
  apply();
  system.addEventListener('change', apply);
}
