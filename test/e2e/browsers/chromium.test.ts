import { suite } from './suites/suite.ts'

await suite('chromium')
