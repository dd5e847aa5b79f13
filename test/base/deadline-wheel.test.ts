import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DeadlineWheel, type WheelClock } from '../../src/base/index.ts'

/** A clock that one steps by hand; callbacks run as their time passes. */
class HandClock implements WheelClock {
  nowMs = 1_000_003
  timers: { atMs: number; callback: () => void }[] = []
  monotonic(): number {
    return this.nowMs
  }
  after(delayMs: number, callback: () => void): { cancel(): void } {
    const timer = { atMs: this.nowMs + delayMs, callback }
    this.timers.push(timer)
    return { cancel: () => void (this.timers = this.timers.filter((each) => each !== timer)) }
  }
  pass(ms: number): void {
    const untilMs = this.nowMs + ms
    for (;;) {
      const next = this.timers.sort((a, b) => a.atMs - b.atMs)[0]
      if (next === undefined || next.atMs > untilMs) break
      this.timers.shift()
      this.nowMs = next.atMs
      next.callback()
    }
    this.nowMs = untilMs
  }
}

test('every deadline comes once, not early and at most one tick and a step late, however often it is moved', () => {
  const act = fc.record({ who: fc.nat(5), delayMs: fc.oneof(fc.integer({ min: 0, max: 5000 }), fc.constant(-1)), passMs: fc.nat(700) })
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
      const clock = new HandClock()
      const wheel = new DeadlineWheel(clock, 100, 8)
      const due: (number | undefined)[] = Array(6).fill(undefined)
      const deadlines = due.map((_, who) =>
        wheel.deadline(() => {
          const atMs = due[who]
          assert.ok(atMs !== undefined, 'came though not set')
          assert.ok(clock.nowMs >= atMs && clock.nowMs <= atMs + 200, `${clock.nowMs - atMs} ms late`)
          due[who] = undefined
        }),
      )
      for (const { who, delayMs, passMs } of acts) {
        if (delayMs < 0) {
          deadlines[who]?.clear()
          due[who] = undefined
        } else {
          deadlines[who]?.set(delayMs)
          due[who] = clock.nowMs + delayMs
        }
        assert.equal(wheel.count, due.filter((each) => each !== undefined).length)
        clock.pass(passMs)
      }
      clock.pass(6000)
      assert.deepEqual(
        due.filter((each) => each !== undefined),
        [],
      )
      assert.equal(clock.timers.length, 0, 'the timer rests when nothing is set')
    }),
  )
})

test('a deadline may be set again from its own callback', () => {
  const clock = new HandClock()
  const wheel = new DeadlineWheel(clock, 10)
  let count = 0
  const deadline = wheel.deadline(() => {
    if (++count < 3) deadline.set(50)
  })
  deadline.set(50)
  clock.pass(500)
  assert.equal(count, 3)
})

test('a closed wheel calls nobody', () => {
  const clock = new HandClock()
  const wheel = new DeadlineWheel(clock, 10)
  wheel.deadline(() => assert.fail()).set(20)
  wheel.close()
  clock.pass(1000)
  assert.equal(wheel.count, 0)
})
