import assert from 'node:assert/strict'
import { test } from 'node:test'
import { envelope } from '../../src/broker/apis/envelope.ts'
import { controllerHandlers } from '../../src/broker/apis/index.ts'
import { LocalController } from '../../src/broker/controller-client.ts'
import { Apis, Errors, requestFrame } from '../../src/protocol/index.ts'
import { IncrementalAlterConfigsRequest } from '../../src/protocol/messages/incremental-alter-configs.ts'
import { ask, asked, fakeParts } from './fake-parts.ts'

const api = Apis.IncrementalAlterConfigs
const inEnvelope = async (version: number, change: object = {}): Promise<number | undefined> => {
  const parts = {
    ...fakeParts().parts,
    ...change,
    controllerHandler: (key: number) => controllerHandlers.find((each) => each.api.key === key),
  }
  const frame = Buffer.concat(
    requestFrame(api, version, 7, 'client', IncrementalAlterConfigsRequest, {
      resources: [{ resourceType: 4, resourceName: '1', configs: [] }],
    }) as Buffer[],
  )
  const request = { requestData: frame.subarray(4), requestPrincipal: null, clientHostAddress: Buffer.alloc(4) }
  return ((await ask(envelope as never, request as never, parts as never)) as { errorCode?: number }).errorCode
}

test('a request in an envelope is answered in the versions in which it would be without, and in no others', async (t) => {
  assert.equal(await inEnvelope(1), Errors.NONE)
  // As of an API whose latest version is not stable yet.
  const { stableMax } = api
  t.after(() => Object.assign(api, { stableMax }))
  Object.assign(api, { stableMax: 0 })
  assert.equal(await inEnvelope(1), Errors.UNSUPPORTED_VERSION)
  assert.equal(await inEnvelope(0), Errors.NONE)
})

test('what comes in an envelope counts as forwarded, what a controller is asked itself does not', async () => {
  const told: boolean[] = []
  const core = {
    request: async (_name: string, _request: object, { isForwarded }: { isForwarded: boolean }) => {
      told.push(isForwarded)
      return { errorCode: Errors.NONE, answer: { throttleTimeMs: 0, responses: [] } }
    },
  }
  const controller = new LocalController(core as never, {} as never, {} as never)
  await inEnvelope(1, { controller })
  const onController = asked(1, { isController: true })
  for (const { api, handle } of controllerHandlers as readonly { api: object; handle: (...args: unknown[]) => unknown }[])
    if (api === Apis.IncrementalAlterConfigs || api === Apis.AlterConfigs) {
      const request = { resources: [{ resourceType: 4, resourceName: '1', configs: [] }], validateOnly: false }
      await handle(request, onController, { ...fakeParts().parts, controller })
    }
  assert.deepEqual(told, [true, false, false])
})
