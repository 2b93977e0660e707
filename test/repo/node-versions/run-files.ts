/** Runs test files one after the other in one process, `run-files.ts FILE…`: loading tap and Fastify costs more than most of them. */
import { pathToFileURL } from 'node:url'
import t from 'tap'

t.setTimeout(300_000)
for (const file of process.argv.slice(2)) await import(pathToFileURL(file).href)
