/** `/a/b/c` → `/a`, `/a/b`. */
export function parentsOf(place: string): readonly string[] {
  const parts = place.split('/').slice(1, -1);
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`);
}
