/** What `--print-metrics` prints: Kafka's names, as many of them as this client counts. */
export function metricTable(group: string, clientId: string, values: Readonly<Record<string, number>>): string {
  const rows = Object.entries(values)
    .map(([name, value]) => [`${group}:${name}:{client-id=${clientId}}`, value.toFixed(3)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  const width = Math.max(...rows.map(([name]) => name.length))
  return `\n${'Metric Name'.padEnd(width)}   Value\n${rows.map(([name, value]) => `${name.padEnd(width)} : ${value}\n`).join('')}`
}
