import { useEffect, useState } from 'preact/hooks'

/** How long it says that it copied, milliseconds. */
const SAID_MS = 2_000

/** Copies a text. Where the page may not (plain http on another machine), it says to do it by hand. */
export function CopyButton ({ text, label }: { readonly text: string, readonly label: string }) {
  const [said, setSaid] = useState('')
  useEffect(() => {
    if (said === '') return
    const timer = setTimeout(() => setSaid(''), SAID_MS)
    return () => clearTimeout(timer)
  }, [said])
  const copy = (): void => {
    const byHand = (): void => setSaid('Select it and copy by hand')
    // Without a secure context there is no clipboard.
    if (navigator.clipboard === undefined) byHand()
    else navigator.clipboard.writeText(text).then(() => setSaid('Copied'), byHand)
  }
  return (
    <button type='button' class='copy' onClick={copy} aria-label={`Copy ${label}`}>
      <span aria-live='polite'>{said === '' ? 'Copy' : said}</span>
    </button>
  )
}
