import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ControllerRegistration } from '../../src/broker/controller-registration.ts'
import { supportedFeatures } from '../../src/metadata/index.ts'
import { Errors, KafkaError } from '../../src/protocol/index.ts'
import { World } from '../../src/sim/index.ts'
import { RecordingJournal } from './recording-journal.ts'

const HOUR_MS = 3_600_000

const register = async (
  answer: (nowMs: number) => object,
  act: (registration: ControllerRegistration, seen: { tries: number; journal: RecordingJournal; world: World }) => Promise<void>,
): Promise<void> => {
  const world = new World({ seed: 1 })
  const seen = { tries: 0, journal: new RecordingJournal(), world }
  const controller = {
    decide: async () => {
      seen.tries++
      return answer(world.nowMs)
    },
  }
  await world.run(() => act(new ControllerRegistration(world.host('node'), controller as never, seen.journal), seen), 10 * HOUR_MS)
}

test('a controller registers as soon as it is let, however long that takes, and tries ever less often', () =>
  register(
    (nowMs) => ({ errorCode: nowMs < HOUR_MS ? Errors.UNSUPPORTED_VERSION : Errors.NONE }),
    async (registration, { world, journal, ...seen }) => {
      await registration.register(1, [], supportedFeatures)
      assert.ok(world.nowMs >= HOUR_MS && world.nowMs < HOUR_MS + 15_000)
      assert.ok(seen.tries < 400)
      assert.equal(journal.entries.length, 1, 'each reason is said once')
    },
  ))

test('a controller that stops registers no more', () =>
  register(
    () => {
      throw new KafkaError(Errors.NOT_CONTROLLER, 'nobody there')
    },
    async (registration, seen) => {
      const registered = registration.register(1, [], supportedFeatures)
      await new Promise<void>((resolve) => void seen.world.host('clock').clock.after(60_000, resolve))
      const startedMs = seen.world.nowMs
      registration.close()
      await registered
      const { tries } = seen
      assert.ok(tries > 5)
      assert.equal(seen.world.nowMs, startedMs)
    },
  ))
