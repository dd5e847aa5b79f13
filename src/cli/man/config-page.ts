import {
  brokerSettings,
  clientMetricsSettings,
  groupOverrides,
  ipQuotaSettings,
  legalValues,
  ownSettings,
  type Setting,
  topicSettings,
  userQuotaSettings,
} from '../../config/index.ts'
import { version } from '../version.ts'
import { bold, entry, line, paragraph, section, title } from './roff.ts'

/** tkafka-config(5): every setting, from its declaration. */
export function configPage(): string {
  const ownKeys = new Set(Object.keys(ownSettings))
  const broker = Object.fromEntries(Object.entries(brokerSettings).filter(([key]) => !ownKeys.has(key)))
  return [
    title('tkafka-config', 5, `tkafka ${version}`),
    section('name', `tkafka\\-config \\- ${line('settings of brokers, topics, groups and quotas')}`),
    section(
      'description',
      line(
        'A node reads a Java properties file, as Apache Kafka does: key=value, a line each. Names, defaults and bounds are those of Apache Kafka 4.3.1.',
      ) +
        paragraph(
          'What changes while a broker runs is set with tkafka configs alter, for one broker or for all; everything else takes effect at the next start. A file that asks for what is not there yet is refused with the key that asks.',
        ),
    ),
    section('brokers and controllers', settingsText(broker, true)),
    section('settings of tkafka alone', line('Apache Kafka passes over them in the same file.') + settingsText(ownSettings, true)),
    section('topics', settingsText(topicSettings, false)),
    section('groups', settingsText(groupOverrides, false)),
    section('client metrics', settingsText(clientMetricsSettings, false)),
    section('quotas of users and clients', settingsText(userQuotaSettings, false)),
    section('quotas of addresses', settingsText(ipQuotaSettings, false)),
    section('see also', `${bold('tkafka')}(1), ${bold('tkafka-broker-start')}(1), ${bold('tkafka-configs-alter')}(1)\n`),
  ].join('')
}

const updates = {
  'per-broker': 'may change while a broker runs',
  'cluster-wide': 'may change while brokers run, for one or for all',
} as const

const settingsText = (settings: Readonly<Record<string, Setting>>, tellsUpdates: boolean): string =>
  Object.entries(settings)
    .filter(([, { internal }]) => internal !== true)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, setting]) => {
      const legal = legalValues(setting)
      const remarks = [
        setting.type,
        ...(setting.values === undefined ? [] : [`of ${setting.values.join(', ')}`]),
        ...(legal === '' ? [] : [legal]),
        ...(setting.default === undefined ? ['must be set'] : []),
        `${setting.importance} importance`,
        ...(tellsUpdates && setting.update !== undefined ? [updates[setting.update]] : []),
      ]
      return entry(bold(key), `${setting.doc} (${remarks.join('; ')})`)
    })
    .join('')
