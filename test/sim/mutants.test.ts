import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { mutants } from './mutants/catalog.ts'
import { hunt } from './mutants/run.ts'

const sourceOf = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')

test('what a mutant replaces is there, once, and is replaced by something else', () => {
  for (const mutant of mutants) {
    for (const { file, text, replacement } of [mutant, ...(mutant.also ?? [])]) {
      assert.equal(sourceOf(file).split(text).length, 2, `'${mutant.name}' in ${file}`)
      assert.notEqual(text, replacement, mutant.name)
    }
  }
  assert.equal(new Set(mutants.map(({ name }) => name)).size, mutants.length, 'names are unique')
  assert.ok(mutants.length >= 40)
})

test('a planted bug is found, by the invariant that forbids it', async () => {
  const mutant = mutants.find(({ name }) => name === 'what one voter holds is committed')!
  const { invariant } = await hunt(mutant, { seeds: 20, seconds: 60 })
  assert.equal(invariant, 'R7 high watermark on a majority')
})
