import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeJournal } from '../../src/host/node/index.ts'

function captured(readable: boolean): { lines: string[]; write: (line: string) => void; readable: boolean; color: boolean } {
  const lines: string[] = []
  return { lines, write: (line) => lines.push(line), readable, color: false }
}

test('an entry is one JSON line with time, level, room, message and fields', () => {
  const options = captured(false)
  const journal = nodeJournal(options).child('net', { listener: 'PLAINTEXT' })
  journal.warn('connection refused', { count: 3, error: new Error('too many') })
  const entry = JSON.parse(options.lines[0])
  assert.deepEqual(
    [entry.level, entry.room, entry.message, entry.listener, entry.count],
    ['warn', 'net', 'connection refused', 'PLAINTEXT', 3],
  )
  assert.match(entry.error.stack, /too many/)
  assert.ok(!Number.isNaN(Date.parse(entry.time)))
})

test('levels change while running; a child follows its parent until it has its own', () => {
  const options = captured(false)
  const root = nodeJournal(options)
  const child = root.child('log')
  child.debug('dropped')
  root.level = 'debug'
  child.debug('kept')
  child.level = 'error'
  child.warn('dropped')
  root.debug('kept')
  assert.equal(child.level, 'error')
  assert.deepEqual(
    options.lines.map((line) => JSON.parse(line).message),
    ['kept', 'kept'],
  )
})

test('on a terminal an entry is one readable line, with the stack of an error below', () => {
  const options = captured(true)
  const journal = nodeJournal(options).child('log')
  journal.info('rolled', { topic: 'a-0', bytes: 5, reason: 'too old' })
  assert.match(options.lines[0], /^\d\d:\d\d:\d\d\.\d{3} info {2}log {9}rolled topic=a-0 bytes=5 reason="too old"\n$/)
  journal.error('failed', { error: new Error('boom') })
  assert.match(options.lines[1], /failed\n {4}Error: boom\n {8}at /)
})

test('control characters from outside reach neither a terminal nor a file', () => {
  const hostile = 'x\u001b[2J\r\nforged line\u009b31m\u202e\u2028'
  for (const readable of [true, false]) {
    const options = captured(readable)
    nodeJournal(options).info(hostile, { client: hostile, [hostile]: hostile, error: hostile })
    const body = options.lines.join('').slice(0, -1)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    assert.doesNotMatch(body.replaceAll('\n    ', ''), /[\u0000-\u001f\u007f-\u009f\u2028\u202e]/)
    if (!readable) assert.equal(JSON.parse(body).client, hostile)
  }
})
