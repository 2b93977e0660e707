import { render } from 'preact'
import { App } from './shell/app.tsx'
import { loadFacts } from './shell/facts.ts'

const root = document.getElementById('console')
if (root === null) throw new Error('The page has no place for the console')
render(<App facts={loadFacts()} />, root)
