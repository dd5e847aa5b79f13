/** Checks that no range and no list of values can express. Each gives the reason of a refusal, in Kafka's words where clients see them. */
export const checks = {
  'gzip level': (value) =>
    value === -1 || (typeof value === 'number' && value >= 1 && value <= 9) ? undefined : 'Value must be between 1 and 9 or equal to -1',

  'throttled replicas': (value) => {
    const entries = value as readonly string[]
    const wellFormed = (entries.length === 1 && entries[0] === '*') || entries.every((entry) => /^\d+:\d+$/.test(entry))
    return wellFormed
      ? undefined
      : "must be the literal '*' or a list of replicas in the following format: [partitionId]:[brokerId],[partitionId]:[brokerId],..."
  },

  'quorum voters': (value) => {
    const bad = (value as readonly string[]).find((entry) => !/^\d+@(\[[^\]]+\]|[^:@\s]+):\d{1,5}$/.test(entry))
    return bad === undefined
      ? undefined
      : `Invalid configuration value for 'voter': ${bad}. Each voter should be in the form \`{id}@{host}:{port}\`.`
  },

  'host and port': (value) => {
    const bad = (value as readonly string[]).find((entry) => !/^(\[[^\]]+\]|[^:\s]+):\d{1,5}$/.test(entry))
    return bad === undefined ? undefined : `Each entry should be in the form \`host:port\`, but found ${bad}`
  },

  'own address': (value) =>
    value === '' || /^(\[[^\]]+\]|[^:\s]*):\d{1,5}$/.test(String(value))
      ? undefined
      : 'Expected host:port, such as 127.0.0.1:9644, or nothing',

  'offset reset': (value) =>
    value === 'earliest' ||
    value === 'latest' ||
    /^by_duration:P(?=.)(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d{1,9})?S)?)?$/i.test(String(value))
      ? undefined
      : `Invalid value ${value} for configuration share.auto.offset.reset. The value must be either 'earliest', 'latest' or of the format 'by_duration:<PnDTnHnMn.nS>'.`,
} as const satisfies Record<string, (value: unknown) => string | undefined>

export type CheckName = keyof typeof checks
