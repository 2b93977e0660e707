import { CopyButton } from './copy-button.tsx'

interface Props {
  readonly text: string
  /** What it is, for those who copy or scroll it. */
  readonly label: string
  readonly copy?: boolean
}

/** Text to paste or to read as it is. */
export function CodeBlock ({ text, label, copy = true }: Props) {
  return (
    <div class='code'>
      <pre tabIndex={0} role='region' aria-label={label}><code>{text}</code></pre>
      {copy && <CopyButton text={text} label={label} />}
    </div>
  )
}
