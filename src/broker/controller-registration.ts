import { randomUuid } from '../base/index.ts'
import type { Host, Journal } from '../host/index.ts'
import { supportedFeatures } from '../metadata/index.ts'
import { complete, Errors, errorName, type MessageInput } from '../protocol/index.ts'
import { ControllerRegistrationRequest } from '../protocol/messages/controller-registration.ts'
import type { ControllerClient } from './controller-client.ts'

const VERSION = 0
const RETRY_MS = 1000
const ATTEMPTS_MAX = 60

type Listeners = NonNullable<MessageInput<typeof ControllerRegistrationRequest>['listeners']>

/**
 * Tells the active controller where this one listens and which features it can run (KIP-919), once in its life: feature levels rise only as
 * far as every registered controller can follow.
 */
export const registerController = async (
  host: Host,
  controller: ControllerClient,
  node: { readonly nodeId: number; readonly listeners: Listeners; isClosing(): boolean },
  journal: Journal,
): Promise<void> => {
  const features = [...supportedFeatures].map(([name, { min, max }]) => ({ name, minSupportedVersion: min, maxSupportedVersion: max }))
  const request = complete(ControllerRegistrationRequest, VERSION, {
    controllerId: node.nodeId,
    incarnationId: randomUuid(host.random),
    zkMigrationReady: false,
    listeners: node.listeners,
    features,
  })
  let problem: unknown
  for (let attempt = 0; attempt < ATTEMPTS_MAX && !node.isClosing(); attempt++) {
    try {
      const { errorCode = Errors.NONE } = await controller.decide('ControllerRegistration', request, VERSION)
      if (errorCode === Errors.NONE) return
      problem = errorName(errorCode)
    } catch (error) {
      problem = error
    }
    await new Promise<void>((resolve) => void host.clock.after(RETRY_MS, resolve))
  }
  if (!node.isClosing()) journal.warn('this controller could not register', { error: problem })
}
