import axe from 'axe-core'
import type { Page } from 'puppeteer-core'

declare global {
  interface Window {
    axe: typeof axe
  }
}

/** What axe finds wrong with the page, one line per element. */
export async function faultsOf (page: Page): Promise<string[]> {
  if (!await page.evaluate(() => 'axe' in window)) await page.evaluate(axe.source)
  return page.evaluate(async () => {
    const { violations } = await window.axe.run()
    return violations.flatMap(({ id, nodes }) => nodes.map(node => `${id}: ${node.target.join(' ')}: ${node.failureSummary ?? ''}`))
  })
}
