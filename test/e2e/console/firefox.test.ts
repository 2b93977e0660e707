import t from 'tap'
import { skipWithout } from '../browsers/lib/browser.ts'
import { clickThrough } from './lib/click-through.ts'

t.test('the console in Firefox', { skip: skipWithout('firefox') }, t => clickThrough(t, 'firefox'))
