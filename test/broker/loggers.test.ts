import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Loggers } from '../../src/broker/loggers.ts'
import { nodeJournal } from '../../src/host/node/index.ts'

const setting = () => {
  const lines: string[] = []
  const write = (line: string): void => {
    const { level, room, message } = JSON.parse(line) as Record<string, string>
    lines.push(`${level} ${room} ${message}`)
  }
  return { lines, loggers: new Loggers(nodeJournal({ readable: false, write })) }
}

describe('the loggers of a node', () => {
  test('are the rooms that speak', () => {
    const { loggers } = setting()
    const log = loggers.journal.child('log')
    log.child('net')
    loggers.journal.child('log', { partition: 't-0' })
    assert.deepEqual(
      [...loggers.levels()],
      [
        ['log', 'INFO'],
        ['net', 'INFO'],
        ['root', 'INFO'],
      ],
    )
  })

  test('follow the root logger until they have a level of their own, at once and wherever their journals are', () => {
    const { lines, loggers } = setting()
    const log = loggers.journal.child('log')
    const net = loggers.journal.child('net')
    const speak = (): string[] => {
      lines.length = 0
      for (const journal of [log, net]) {
        journal.debug('a')
        journal.info('b')
        journal.error('c')
      }
      return [...lines]
    }
    assert.deepEqual(speak(), ['info log b', 'error log c', 'info net b', 'error net c'])
    loggers.set('log', 'DEBUG')
    loggers.set('root', 'ERROR')
    assert.deepEqual(speak(), ['debug log a', 'info log b', 'error log c', 'error net c'])
    loggers.unset('log')
    assert.deepEqual(speak(), ['error log c', 'error net c'])
    loggers.unset('root')
    assert.deepEqual(speak(), ['info log b', 'error log c', 'info net b', 'error net c'])
  })

  test('have levels that exist', () => {
    const { loggers } = setting()
    assert.throws(() => loggers.set('root', 'LOUD'))
    assert.throws(() => loggers.set('nobody', 'INFO'))
  })
})
