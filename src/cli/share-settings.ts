/**
 * The settings without those that Kafka's share consumers refuse: files and profiles that serve other consumers have them too, and the group
 * decides what they say. Gives what was left out as well.
 */
export async function shareSettings(
  values: Readonly<Record<string, string>>,
): Promise<{ readonly values: Record<string, string>; readonly leftOut: readonly string[] }> {
  const { shareUnsupportedKeys } = await import('../client/index.ts')
  const leftOut = Object.keys(values).filter((key) => shareUnsupportedKeys.includes(key))
  return { values: Object.fromEntries(Object.entries(values).filter(([key]) => !leftOut.includes(key))), leftOut }
}

/** What to say of settings that were left out. */
export const leftOutText = (keys: readonly string[]): string =>
  `${keys.join(', ')}: the share group decides this (tkafka configs describe groups GROUP --all), not its consumers`
