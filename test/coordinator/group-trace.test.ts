import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { playTrace } from './group-trace.ts'

/**
 * Scripts of what clients of a group ask, with what they were told below: read them as specification. A change of behaviour shows as a
 * change of text; `REWRITE=1` writes what is told now, for a person to review.
 */
const folder = join(import.meta.dirname, 'traces')

describe('groups, by script', () => {
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.txt'))) {
    test(file.slice(0, -4).replaceAll('-', ' '), async () => {
      const script = readFileSync(join(folder, file), 'utf8')
      const told = await playTrace(script)
      if (process.env.REWRITE !== undefined) writeFileSync(join(folder, file), told)
      else assert.equal(told, script)
    })
  }
})
