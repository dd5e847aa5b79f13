import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { tools } from '../../src/compat/index.ts'
import { run } from '../cli/run-command.ts'
import { recordedFolder } from './recorded.ts'

const folder = join(recordedFolder, 'help')
const names = Object.keys(tools)

describe("the help of Kafka's tools, to the letter", () => {
  for (const file of readdirSync(folder)) {
    const name = file.replace(/\.txt$/, '')
    // `kafka-cluster-unregister` is what `kafka-cluster unregister --help` says.
    const tool = names.filter((each) => name === each || name.startsWith(`${each}-`)).sort((a, b) => b.length - a.length)[0]!
    const command = name.slice(tool.length + 1)
    it(name, async () => {
      const ran = await run(['compat', tool, ...(command === '' ? [] : [command]), '--help'])
      assert.equal(ran.stdout + ran.stderr, readFileSync(join(folder, file), 'utf8'))
    })
  }
})
