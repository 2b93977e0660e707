import t from 'tap'
import { skipWithout } from '../browsers/lib/browser.ts'
import { clickThrough } from './lib/click-through.ts'

t.test('the console in Chromium', { skip: skipWithout('chromium') }, t => clickThrough(t, 'chromium'))
