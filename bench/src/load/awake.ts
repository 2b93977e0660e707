/**
 * Keeps this process from sleeping while `work` runs. A server that writes to a sleeping client wakes it, and pays for that with
 * processor time of its own: up to as much as the whole request, and the more the slower it is, because its client then sleeps the
 * more often. Between machines nobody pays that, so the load polls its sockets without a pause.
 */
export async function awake<T> (work: () => Promise<T>): Promise<T> {
  let over = false
  const poll = (): void => { if (!over) setImmediate(poll) }
  poll()
  try {
    return await work()
  } finally {
    over = true
  }
}
