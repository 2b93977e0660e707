import type { ComponentChildren } from 'preact'
import { useRef } from 'preact/hooks'

export interface Tab {
  readonly id: string
  readonly label: string
}

interface Props {
  readonly label: string
  readonly tabs: readonly Tab[]
  readonly chosen: string
  readonly onChoose: (id: string) => void
  readonly children: ComponentChildren
}

/** A row of tabs and the panel of the chosen one. @see https://www.w3.org/WAI/ARIA/apg/patterns/tabs/ */
export function Tabs ({ label, tabs, chosen, onChoose, children }: Props) {
  const list = useRef<HTMLDivElement>(null)
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = moved(tabs.findIndex(({ id }) => id === chosen), event.key, tabs.length)
    const tab = next === null ? undefined : tabs[next]
    if (tab === undefined) return
    event.preventDefault()
    onChoose(tab.id)
    list.current?.querySelector<HTMLElement>(`#tab-${tab.id}`)?.focus()
  }
  return (
    <div class='tabs'>
      <div class='tab-list' role='tablist' aria-label={label} ref={list} onKeyDown={onKeyDown}>
        {tabs.map(({ id, label }) => (
          <button
            key={id} type='button' role='tab' id={`tab-${id}`} aria-controls='tab-panel' aria-selected={id === chosen}
            tabIndex={id === chosen ? 0 : -1} onClick={() => onChoose(id)}
          >
            {label}
          </button>
        ))}
      </div>
      <div class='tab-panel' role='tabpanel' id='tab-panel' aria-labelledby={`tab-${chosen}`}>{children}</div>
    </div>
  )
}

function moved (index: number, key: string, length: number): number | null {
  switch (key) {
    case 'ArrowRight': return (index + 1) % length
    case 'ArrowLeft': return (index + length - 1) % length
    case 'Home': return 0
    case 'End': return length - 1
    default: return null
  }
}
