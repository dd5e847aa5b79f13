import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { standardRows } from '../../src/bench/suite.ts'
import { rowConfig } from '../../src/bench/suite-run.ts'

const rowOf = (name: string) => standardRows.find((row) => row.name === name)!

describe('the settings of a row', () => {
  it('are what its name says, whatever was said of all rows, and what does not hold is told', () => {
    const said = { 'bootstrap.servers': 'a:1', acks: '0', 'compression.type': 'none', 'enable.idempotence': 'true', 'fetch.min.bytes': '5' }
    const packed = rowConfig(rowOf('produce 1 KiB acks=all zstd'), said)
    assert.deepEqual([packed.config.acks, packed.config['compression.type']], ['all', 'zstd'])
    assert.deepEqual(packed.overruled.toSorted(), ['acks=0', 'compression.type=none'])
    assert.deepEqual([packed.config['bootstrap.servers'], packed.config['fetch.min.bytes']], ['a:1', '5'])
    const weak = rowConfig(rowOf('produce 1 KiB acks=1'), said)
    assert.deepEqual([weak.config.acks, weak.config['enable.idempotence']], ['1', 'false'])
    assert.deepEqual(weak.overruled.toSorted(), ['acks=0', 'enable.idempotence=true'])
  })

  it('overrule nothing that was said in the same words', () => {
    assert.deepEqual(rowConfig(rowOf('produce 1 KiB acks=all'), { acks: 'all', 'linger.ms': '5' }).overruled, [])
  })
})
