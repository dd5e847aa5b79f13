import { BrokerConfig, topicFault, topicSetting } from '../../config/index.ts'
import { illegalArgument, JavaException } from '../java/exception.ts'

/** A node of which only Kafka's defaults matter. */
const plainNode = new Map([
  ['process.roles', 'broker'],
  ['node.id', '1'],
  ['controller.listener.names', 'CONTROLLER'],
])

/** `key=value` texts as configs of a topic, checked as Kafka's tool checks them before it asks. @throws JavaException */
export function validateTopicConfigs(pairs: readonly string[]): Record<string, string> {
  const configs: Record<string, string> = {}
  for (const pair of pairs) {
    const parts = pair.split(/\s*=\s*/)
    while (parts.at(-1) === '') parts.pop()
    const [key, value] = parts
    if (parts.length !== 2 || key === undefined || value === undefined)
      throw illegalArgument('requirement failed: Invalid topic config: all configs to be added must be in the format "key=val".')
    configs[key.trim()] = value.trim()
  }
  const unknown = Object.keys(configs).find((key) => topicSetting(key) === undefined)
  if (unknown !== undefined)
    throw new JavaException('org.apache.kafka.common.errors.InvalidConfigurationException', `Unknown topic config name: ${unknown}`)
  const node = BrokerConfig.read(plainNode)
  const fault = node instanceof BrokerConfig ? topicFault(node, new Map(Object.entries(configs))) : undefined
  if (fault !== undefined) throw new JavaException('org.apache.kafka.common.config.ConfigException', fault.message)
  return configs
}
