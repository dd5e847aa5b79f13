import { javaStringHash } from '../../base/index.ts'

/**
 * Items in the order in which a java.util.HashMap of them is walked: by bucket, in a bucket by age. `capacity` is what the map was made
 * for; without it, it grew from nothing.
 */
export function hashOrder<T>(items: readonly T[], hashOf: (item: T) => number, capacity?: number): T[] {
  let buckets = 16
  if (capacity !== undefined) for (buckets = 1; buckets < capacity; ) buckets *= 2
  while (items.length > buckets * 0.75) buckets *= 2
  const placed = items.map((item, age) => {
    const hash = hashOf(item)
    return { item, age, bucket: (hash ^ (hash >>> 16)) & (buckets - 1) }
  })
  return placed.sort((a, b) => a.bucket - b.bucket || a.age - b.age).map(({ item }) => item)
}

export const textOrder = (texts: readonly string[], capacity?: number): string[] => hashOrder(texts, javaStringHash, capacity)

/** TopicPartition.hashCode(). */
export const partitionHash = ({ topic, partition }: { readonly topic: string; readonly partition: number }): number =>
  (Math.imul(31, 31 + partition) + javaStringHash(topic)) | 0

/** What a HashSet or HashMap made of another collection is made for. */
export const copyCapacity = (count: number): number => Math.max(Math.floor(count / 0.75) + 1, 16)
