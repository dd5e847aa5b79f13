/** A series that an expression asks for, and the labels by which it selects it. */
export interface AskedSeries {
  readonly name: string
  readonly labels: readonly string[]
}

/** Labels that Prometheus gives to what it scrapes. */
const ofTargets = [
  'job',
  'instance',
  'namespace',
  'strimzi_io_cluster',
  'strimzi_io_name',
  'kubernetes_pod_name',
  'kubernetes_namespace',
  'container',
  'pod',
]

const pattern = /\b((?:kafka|process|jvm|nodejs|tkafka|container|kubelet)_[a-z0-9_]+|up)\b(?:\{([^}]*)\})?/g

/** What has to be there so that an expression of Prometheus finds something. */
export function seriesOf(expression: string): AskedSeries[] {
  return [...expression.matchAll(pattern)].map(([, name, matchers = '']) => ({
    name: name!,
    labels: [...matchers.matchAll(/([a-z_]+)\s*(=~|!=|!~|=)\s*"([^"]*)"/gi)].flatMap(([, label, how, value]) =>
      ofTargets.includes(label!) || (how === '=' && value === '') ? [] : [label!],
    ),
  }))
}

/** The labels by which it groups. */
export function groupingOf(expression: string): string[] {
  const labels = [...expression.matchAll(/\bby\s*\(([^)]*)\)/g)].flatMap(([, list]) => list!.split(',').map((label) => label.trim()))
  return [...new Set(labels)].filter((label) => !ofTargets.includes(label))
}
