/** An arrow between packages, by their names without `@mcp/`: `session → storage`. */
export type Arrow = string

/** The arrows of a flowchart: `a --> b`, `a --> b & c`. */
export function arrowsOf (flowchart: string): Arrow[] {
  return flowchart.split('\n').flatMap(line => {
    const [from, to] = line.split('-->').map(side => side.split('&').map(name => name.trim()))
    return to === undefined || from === undefined ? [] : from.flatMap(a => to.map(b => `${a} → ${b}`))
  }).sort()
}

/** What is left of dependencies when those are dropped that follow from others: as a picture shows them. */
export function reduced (dependencies: ReadonlyMap<string, readonly string[]>): Arrow[] {
  return [...dependencies].flatMap(([from, direct]) => {
    const further = new Set(direct.flatMap(name => [...below(name, dependencies)]))
    return direct.filter(name => !further.has(name)).map(name => `${from} → ${name}`)
  }).sort()
}

function below (name: string, dependencies: ReadonlyMap<string, readonly string[]>): Set<string> {
  const direct = dependencies.get(name) ?? []
  return new Set([...direct, ...direct.flatMap(one => [...below(one, dependencies)])])
}
