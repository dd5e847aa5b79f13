import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import {
  BrokerConfig,
  brokerSettings,
  brokerSynonyms,
  type ConfigEntry,
  ConfigSources,
  clientMetricsSettings,
  defaultOf,
  describeBroker,
  describeTopic,
  groupOverrides,
  groupSynonym,
  ipQuotaSettings,
  type Setting,
  type Settings,
  topicSettings,
  topicSynonyms,
  userQuotaSettings,
} from '../../src/config/index.ts'

// Declarations of Apache Kafka 4.3.1's jars, and what kafka-configs printed about a broker and a topic of a live cluster.
const apache = JSON.parse(gunzipSync(readFileSync(join(import.meta.dirname, '../vectors/configs.json.gz'))).toString())

const bound = (value: number): string => (value === Number.MAX_SAFE_INTEGER ? '9223372036854775807' : String(value))

/** The validator as ConfigDef prints it, where the declaration has all of it. */
function validatorText(setting: Setting): string | undefined {
  if (setting.range !== undefined) {
    const [least, greatest] = setting.range
    return greatest === undefined ? `[${bound(least)},...]` : `[${bound(least)},...,${bound(greatest)}]`
  }
  if (setting.values !== undefined) return `${setting.anyCase ? '(case insensitive) ' : ''}[${setting.values.join(', ')}]`
  return undefined
}

const numeric = (text: string | undefined): string | undefined => text?.replace(/\.0\b/g, '')

for (const [kind, declared] of Object.entries({
  broker: brokerSettings as Settings,
  topic: topicSettings as Settings,
  group: groupOverrides as Settings,
  'client-metrics': clientMetricsSettings as Settings,
  'quota-user-client': userQuotaSettings as Settings,
  'quota-ip': ipQuotaSettings as Settings,
})) {
  describe(`the declarations of ${kind} settings`, () => {
    test('are those of Apache Kafka 4.3.1: names, types, defaults, importance, update modes', () => {
      assert.deepEqual(Object.keys(declared).sort(), apache[kind].map(({ name }: { name: string }) => name).sort())
      for (const { name, type, default: text, required, update, internal, importance } of apache[kind]) {
        const setting = declared[name]!
        assert.equal(setting.type, type, name)
        assert.equal(setting.importance, importance, name)
        assert.equal(setting.internal === true, internal === true, name)
        assert.equal('default' in setting, required !== true, name)
        if (required !== true) assert.equal(defaultOf(setting).text, text, name)
        if (update !== undefined) assert.equal(setting.dynamicOnly ? 'dynamic-only' : (setting.update ?? 'read-only'), update, name)
      }
    })

    test('accept and refuse the same numbers and words', () => {
      for (const { name, validator, validatorClass, isEmptyAllowed } of apache[kind]) {
        const setting = declared[name]!
        const legal = /Range|ValidString/.test(validatorClass) || (validatorClass === 'ValidList' && validator !== '')
        assert.equal(numeric(validatorText(setting)), legal ? numeric(validator) : undefined, name)
        assert.equal(setting.filled === true, isEmptyAllowed === false || validatorClass === 'NonEmptyString', name)
        if (/^(Lambda|Throttled|Controller|Validator)/.test(validatorClass)) assert.ok(setting.check, name)
      }
    })

    test('say in a sentence what they are for', () => {
      for (const [name, { doc }] of Object.entries(declared)) assert.match(doc, /^[A-Za-z"0-9].{8,}\.$/, name)
    })
  })
}

test('topics and groups fall back to the same broker settings, in the same order and units', () => {
  const factors: Record<string, number> = { 'minutes to ms': 60_000, 'hours to ms': 3_600_000 }
  for (const { name, brokerSynonyms } of apache.topic) {
    const expected = (brokerSynonyms ?? []).map(({ name: key, convert }: { name: string; convert?: string }) => ({
      key,
      factor: convert ? factors[convert] : 1,
    }))
    assert.deepEqual(topicSynonyms[name as keyof typeof topicSynonyms], expected, name)
  }
  for (const { name, brokerSynonym } of apache.group) assert.equal(groupSynonym(name) ?? null, brokerSynonym, name)
  for (const { name, synonyms } of apache.broker) assert.deepEqual(brokerSynonyms(name), synonyms ?? [name], name)
})

describe('a description', () => {
  const sourceNames = Object.fromEntries(Object.entries(ConfigSources).map(([name, code]) => [code, name]))
  const line = (entry: ConfigEntry): string => {
    const synonyms = entry.synonyms.map(({ source, name, value }) => `${sourceNames[source]}:${name}=${value}`)
    return `${entry.name}=${entry.value} sensitive=${entry.isSensitive} synonyms={${synonyms.join(', ')}}`
  }
  const values = (lines: readonly string[], source: string): Map<string, string> =>
    new Map(
      lines.flatMap((text) => {
        const synonyms = text.slice(text.indexOf(' synonyms={') + 11, -1)
        const found = synonyms.match(new RegExp(`(?:^|, )${source}:([^=]+)=(.*?)(?=, [A-Z_]+:|$)`))
        return found === null ? [] : [[found[1]!, found[2]!] as const]
      }),
    )
  const read = (): BrokerConfig => {
    const file = values(apache.describedBroker, 'STATIC_BROKER_CONFIG')
    const dynamicBroker = values(apache.describedBroker, 'DYNAMIC_BROKER_CONFIG')
    const dynamicDefault = values(apache.describedBroker, 'DYNAMIC_DEFAULT_BROKER_CONFIG')
    const config = BrokerConfig.read(file, { dynamicBroker, dynamicDefault })
    assert.ok(config instanceof BrokerConfig, JSON.stringify(config))
    return config
  }

  test('of a broker is what Apache Kafka says about one with the same settings', () => {
    assert.deepEqual(describeBroker(read()).map(line).sort(), apache.describedBroker.toSorted())
  })

  test('of a topic is what Apache Kafka says about one with the same settings', () => {
    const overrides = values(apache.describedTopic, 'DYNAMIC_TOPIC_CONFIG')
    // The topic was described before the cluster-wide defaults that the broker's description shows were changed.
    const config = read().withDynamic({
      dynamicBroker: new Map(),
      dynamicDefault: values(apache.describedTopic, 'DYNAMIC_DEFAULT_BROKER_CONFIG'),
    })
    assert.deepEqual(describeTopic(config, overrides).map(line).sort(), apache.describedTopic.toSorted())
  })
})
