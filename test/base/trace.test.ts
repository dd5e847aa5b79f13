import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Play, playScript } from './trace.ts'

const sum: Play = (command) => {
  if (command.name !== 'sum') command.unknown()
  const start = command.numberOption('from') ?? 0
  return [String(command.words().reduce((total, word) => total + Number(word), start))]
}

test('a script is given back with what its commands tell now below them', async () => {
  const told = await playScript('# Sums.\n\nsum 1 2\n  4\nsum 1 from=10\n', sum)
  assert.equal(told, '# Sums.\n\nsum 1 2\n  3\nsum 1 from=10\n  11\n')
})

test('what a player does not ask for is a mistake in the script', async () => {
  await assert.rejects(playScript('sum 1 form=10', sum), /not understood in: sum 1 form=10/)
  await assert.rejects(playScript('multiply 1 2', sum), /no such command: multiply 1 2/)
  await assert.rejects(playScript('sum 1 from=ten', sum), /a number is wanted/)
  await assert.rejects(
    playScript('say', (command) => [command.word()]),
    /a word is missing/,
  )
})
