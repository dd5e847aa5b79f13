import type { ApiHandler, RequestContext } from '../../src/broker/api-handler.ts'
import { Loggers } from '../../src/broker/loggers.ts'
import type { BrokerParts } from '../../src/broker/parts.ts'
import { BrokerConfig } from '../../src/config/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import { MetadataImage, metadataRecord } from '../../src/metadata/index.ts'
import { KafkaError, type Message, type MessageInput, type Schema } from '../../src/protocol/index.ts'

const FILE: Record<string, string> = {
  'process.roles': 'broker,controller',
  'node.id': '1',
  'controller.listener.names': 'CONTROLLER',
  listeners: 'PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093',
  'controller.quorum.voters': '1@localhost:9093',
}

export interface FakeParts {
  readonly parts: BrokerParts
  readonly image: MetadataImage
  readonly loggers: Loggers
  /** What the controller was asked, and nothing else happens: it answers every resource without error. */
  readonly forwarded: { readonly name: string; readonly request: unknown }[]
  /** Sets a dynamic setting in the image, and for brokers in the configuration too. */
  set(type: number, name: string, key: string, value: string): void
}

/** A broker's parts with real settings and a real image, as far as handlers of settings look at them. */
export const fakeParts = (file: Record<string, string> = {}): FakeParts => {
  const image = new MetadataImage()
  const loggers = new Loggers({ ...silentJournal, level: 'info', child: () => ({ ...silentJournal, child: () => silentJournal }) })
  const forwarded: { name: string; request: unknown }[] = []
  let config = BrokerConfig.read(new Map(Object.entries({ ...FILE, ...file }))) as BrokerConfig
  const decide = async (name: string, request: { resources: { resourceType: number; resourceName: string }[] }) => {
    forwarded.push({ name, request })
    const responses = request.resources.map(({ resourceType, resourceName }) => ({
      ...{ resourceType, resourceName, errorCode: 0, errorMessage: null },
    }))
    return { throttleTimeMs: 0, responses: responses.reverse() }
  }
  const parts = {
    ...{ image, loggers, nodeId: 1, journal: silentJournal, controller: { decide, activeId: () => 1 } },
    get config() {
      return config
    },
  } as unknown as BrokerParts
  return {
    ...{ parts, image, loggers, forwarded },
    set(resourceType, resourceName, name, value) {
      image.replay(metadataRecord('ConfigRecord', 0, { resourceType, resourceName, name, value }), 0)
      const of = (broker: string) => new Map(image.configs.of(4, broker))
      config = config.withDynamic({ dynamicBroker: of('1'), dynamicDefault: of('') })
    },
  }
}

export const asked = (version: number, change: Partial<RequestContext> = {}): RequestContext =>
  ({ version, clientId: 'test', listenerName: 'PLAINTEXT', isController: false, connectionId: '1', ...change }) as RequestContext

/** What the dispatcher does: an error of the whole request becomes the handler's refusal. */
export const ask = async <Q extends Schema, R extends Schema>(
  handler: ApiHandler<Q, R>,
  request: Message<Q>,
  parts: BrokerParts,
  context = asked(handler.api.stableMax),
): Promise<MessageInput<R>> => {
  try {
    return (await handler.handle(request, context, parts)) as MessageInput<R>
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error
    return handler.refuse(error.code, error.message, request, context) as MessageInput<R>
  }
}
