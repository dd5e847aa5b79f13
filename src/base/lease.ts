/**
 * Memory that is used again once nobody holds it. It begins with one holder; whoever keeps a view of it beyond a call retains it, and every
 * holder releases once. Who never releases costs one reuse and nothing else: the memory then belongs to the garbage collector.
 */
export interface Lease {
  retain(): void
  release(): void
}
