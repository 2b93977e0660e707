import type { ComponentChildren } from 'preact'

interface Props {
  readonly kind: 'bad' | 'plain'
  readonly title: string
  readonly children?: ComponentChildren
}

/** Something people have to know before they go on. */
export function Notice ({ kind, title, children }: Props) {
  return (
    <div class='notice' data-kind={kind} role={kind === 'bad' ? 'alert' : 'note'}>
      <p class='notice-title'>{title}</p>
      {children !== undefined && <div class='notice-text'>{children}</div>}
    </div>
  )
}
