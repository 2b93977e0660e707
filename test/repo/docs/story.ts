import { placeOf, type Block } from './blocks.ts'

/** A program of a page: one block, or several where the others say `continues`. */
export interface Program {
  kind: 'program'
  at: string
  /** With its extension: `server.ts`, `line-12.ts`, `line-12.js`. */
  file: string
  text: string
  /** Run, run by itself with `node` as tests are, or compiled alone. */
  how: 'run' | 'test' | 'types'
  /** Why it is not run; empty where it is. */
  why: string
  /** What it prints, in this order, from its comments that begin with an arrow. */
  says: string[]
  shown: string | null
  /** In a comment: readers do not see it. */
  unseen: boolean
}

/** Commands for a shell, in the folder of the page, while the programs before them run. */
export interface Commands {
  kind: 'commands'
  at: string
  text: string
  shown: string | null
}

/** What a page does from top to bottom. */
export interface Story {
  page: string
  steps: Array<Program | Commands>
  /** Blocks that are looked at instead of being run. */
  inert: Inert[]
  /** How many blocks of each kind there were; every block is of one kind. */
  counts: Map<string, number>
}

/** How a block that is not run is checked. */
export type Check = 'json' | 'yaml' | 'nginx' | 'mermaid' | 'install' | 'repository' | 'quoted'

/** A block that is not run, and how it is checked instead. */
export interface Inert {
  check: Check
  block: Block
}

/** @throws For a block whose language or words nobody knows: none is passed over in silence. */
export function storyOf (page: string, blocks: readonly Block[]): Story {
  const story: Story = { page, steps: [], inert: [], counts: new Map() }
  for (const block of blocks) {
    const kind = take(story, block)
    const name = block.unseen === null ? kind : `${kind}, unseen`
    story.counts.set(name, (story.counts.get(name) ?? 0) + 1)
  }
  const silent = story.steps.find(step => step.kind === 'commands' && /\bcurl\b/.test(step.text) && step.shown === null)
  if (silent !== undefined) throw new Error(`${silent.at}: curl succeeds whatever the server says, so a block \`output\` has to show the answer`)
  return story
}

const knownWords: Record<string, string[]> = {
  ts: ['continues', 'file', 'types', 'test', 'quoted'],
  js: ['continues', 'file', 'test', 'quoted'],
  sh: ['repository', 'adds', 'quoted'],
  output: [],
  json: [],
  yaml: [],
  nginx: [],
  mermaid: []
}

/** Finds the block its place in the story and says its kind. */
function take (story: Story, block: Block): string {
  const { language, words } = block
  const known = knownWords[language]
  const strange = [...words.keys()].find(word => known?.includes(word) !== true)
  if (known === undefined || strange !== undefined) {
    throw new Error(`${placeOf(block)}: nobody knows how to test \`${[language, ...words.keys()].join(' ')}\`; CONTRIBUTING.md lists what there is`)
  }
  if (words.has('quoted')) return look(story, block, 'quoted')
  if (language === 'ts' || language === 'js') return takeProgram(story, block)
  if (language === 'output') return takeOutput(story, block)
  if (language !== 'sh') return look(story, block, language as Check)
  if (words.has('repository')) return look(story, block, 'repository')
  if (/^(npm (install|i) .*\n)+$/.test(block.text)) return look(story, block, 'install')
  story.steps.push({ kind: 'commands', at: placeOf(block), text: block.text, shown: null })
  return 'sh'
}

function look (story: Story, block: Block, check: Check): string {
  if (check === 'quoted' && (block.words.get('quoted') ?? '') === '') throw new Error(`${placeOf(block)}: \`quoted\` says why it cannot be run`)
  story.inert.push({ check, block })
  return check === 'quoted' ? `${block.language} quoted` : check
}

function takeProgram (story: Story, block: Block): string {
  const { language, words, line, text } = block
  const says = [...text.matchAll(/\/\/ → (.*)$/gm)].map(([, said = '']) => said)
  if (words.has('continues')) {
    const before = story.steps.findLast(step => step.kind === 'program')
    if (before === undefined) throw new Error(`${placeOf(block)}: there is no program to continue`)
    before.text += text
    before.says.push(...says)
    return `${language} continues`
  }
  const how = words.has('types') ? 'types' : words.has('test') ? 'test' : 'run'
  if (how === 'types' && words.get('types') === '') throw new Error(`${placeOf(block)}: \`types\` says why it cannot be run`)
  const file = words.get('file') ?? `line-${line}.${language}`
  const why = words.get('types') ?? ''
  story.steps.push({ kind: 'program', at: placeOf(block), file, text, how, why, says, shown: null, unseen: block.unseen !== null })
  return how === 'run' ? language : `${language} ${how}`
}

/** What the step before it prints. */
function takeOutput (story: Story, block: Block): string {
  const before = story.steps.at(-1)
  if (before === undefined || before.shown !== null) throw new Error(`${placeOf(block)}: there is nothing before it that could have printed this`)
  before.shown = block.text
  return 'output'
}
