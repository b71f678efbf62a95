declare module 'handlebars/runtime.js' {
  import type Handlebars from 'handlebars';
  const runtime: typeof Handlebars;
  // eslint-disable-next-line no-restricted-syntax -- as it is
  export default runtime;
}
