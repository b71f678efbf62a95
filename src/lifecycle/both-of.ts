/** When one of two fails the other is waited for: nothing goes on behind the back of what takes back. */
export async function bothOf<T, U>(one: Promise<T>, other: Promise<U>): Promise<[T, U]> {
  await Promise.allSettled([one, other]);
  return Promise.all([one, other]);
}
