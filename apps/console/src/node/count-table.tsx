import { useId } from 'preact/hooks'
import { ranked } from './rates.ts'

interface Props {
  readonly title: string
  readonly counts: Readonly<Record<string, number>>
  /** What to say when all is zero. */
  readonly none: string
}

/** Counts by name, the largest first. */
export function CountTable ({ title, counts, none }: Props) {
  const id = useId()
  const rows = ranked(counts)
  const most = rows[0]?.[1] ?? 0
  return (
    <section class='panel' aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {rows.length === 0
        ? <p class='empty'>{none}</p>
        : (
          <table class='counts' aria-labelledby={id}>
            <thead class='unseen'><tr><th scope='col'>Name</th><th scope='col' colSpan={2}>Count</th></tr></thead>
            <tbody>
              {rows.map(([name, count]) => (
                <tr key={name}>
                  <th scope='row'>{name}</th>
                  <td class='counts-bar'><meter min={0} max={most} value={count} aria-hidden='true' /></td>
                  <td>{count.toLocaleString('en')}</td>
                </tr>
              ))}
            </tbody>
          </table>
          )}
    </section>
  )
}
