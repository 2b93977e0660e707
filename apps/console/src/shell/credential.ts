import { signal } from '@preact/signals'

/** The bearer token somebody typed in. It is kept nowhere: closing the page forgets it. */
export const token = signal('')
