/** What the completions offer. */
const WORDS = ['alpha', 'beta', 'gamma', 'paris', 'park', 'party', 'test', 'testing', 'world']

/** The words that start with what was typed so far. */
export function completeWord (typed: string): string[] {
  return WORDS.filter(word => word.startsWith(typed.toLowerCase()))
}

/** Ids of the resource template that start with what was typed so far. */
export function completeId (typed: string): string[] {
  return ['1', '12', '123', '124', '2'].filter(id => id.startsWith(typed))
}
