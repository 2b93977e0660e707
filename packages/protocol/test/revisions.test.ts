import t from 'tap'
import { ASSUMED_REVISION, eraOf, isModernVersion, isRevision, LEGACY_REVISIONS, MODERN_REVISIONS, negotiate, REVISIONS } from '../src/index.ts'

t.test('every revision belongs to one era', async t => {
  t.same(LEGACY_REVISIONS, ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'])
  t.same(MODERN_REVISIONS, ['2026-07-28'])
  for (const revision of REVISIONS) t.equal(eraOf(revision), MODERN_REVISIONS.includes(revision) ? 'modern' : 'legacy')
})

t.test('a revision is known or not', async t => {
  for (const revision of REVISIONS) t.ok(isRevision(revision))
  for (const value of ['2025-06-19', '', null, undefined, 20250618, ['2025-06-18'], 'constructor']) t.notOk(isRevision(value))
})

t.test('B-12: a version is modern when it sorts at or after the first modern revision', async t => {
  for (const version of ['2026-07-28', '2026-07-29', '2027-01-01', 'v999', 'draft']) t.ok(isModernVersion(version), version)
  for (const version of ['1999-01-01', '2025-11-25', '2026-07-27', '', '1.0']) t.notOk(isModernVersion(version), version)
})

t.test('A-48: a served version is echoed', async t => {
  for (const revision of LEGACY_REVISIONS) t.equal(negotiate(revision, REVISIONS), revision)
})

t.test('A-48 A-50: anything else is answered with the latest legacy version, never with a refusal', async t => {
  for (const requested of ['2026-07-28', 'v999', '', undefined, null, 5, {}]) t.equal(negotiate(requested, REVISIONS), '2025-11-25')
  t.equal(negotiate('2025-11-25', ['2025-06-18', '2025-03-26', '2026-07-28']), '2025-06-18', 'whatever the order')
})

t.test('A-48: without a legacy version there is nothing to offer', async t => {
  t.equal(negotiate('2025-11-25', ['2026-07-28']), undefined)
})

t.test('A-53: what is assumed of a legacy client that names nothing', async t => {
  t.equal(ASSUMED_REVISION, '2025-03-26')
})
