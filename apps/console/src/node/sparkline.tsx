import { useId } from 'preact/hooks'

const WIDTH = 300
const HEIGHT = 64
/** Values the width holds: one a second. */
const POINTS = 60

/** The last minute of a figure, the newest on the right. */
export function Sparkline ({ title, values }: { readonly title: string, readonly values: readonly number[] }) {
  const id = useId()
  const now = values.at(-1) ?? 0
  const most = Math.max(0, ...values)
  return (
    <section class='panel chart' aria-labelledby={id}>
      <div class='panel-head'>
        <h2 id={id}>{title}</h2>
        <p class='chart-now'>{rate(now)}</p>
      </div>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio='none' role='img' aria-label={`${title} in the last minute: now ${rate(now)}, ${rate(most)} at most`}>
        <line x1='0' x2={WIDTH} y1={HEIGHT - 1} y2={HEIGHT - 1} class='chart-base' />
        {values.length > 1 && <path class='chart-area' d={`${line(values, most)} V${HEIGHT} H${x(0, values.length)} Z`} />}
        {values.length > 1 && <path class='chart-line' d={line(values, most)} />}
      </svg>
      <p class='chart-note'>last minute, {rate(most)} at most</p>
    </section>
  )
}

function line (values: readonly number[], most: number): string {
  return values.map((value, index) => `${index === 0 ? 'M' : 'L'}${x(index, values.length)} ${y(value, most)}`).join(' ')
}

function x (index: number, length: number): string {
  return (WIDTH - (length - 1 - index) * WIDTH / (POINTS - 1)).toFixed(1)
}

/** Leaves room for the stroke. */
function y (value: number, most: number): string {
  return (HEIGHT - 2 - (most === 0 ? 0 : value / most * (HEIGHT - 6))).toFixed(1)
}

function rate (value: number): string {
  return value >= 10 || Number.isInteger(value) ? Math.round(value).toLocaleString('en') : value.toFixed(1)
}
