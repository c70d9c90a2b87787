import type { HttpRequest, HttpResponse, TemplatedApp } from 'uWebSockets.js';
import type { StaticFiles } from './static-files.js';

/** Serves the page from the gateway's own HTTP server. */
export function servePage(app: TemplatedApp, files: StaticFiles): void {
  const answer = (response: HttpResponse, request: HttpRequest): void => {
    const { status, headers, body } = files.respond(
      request.getUrl(),
      request.getHeader('accept-encoding'),
      request.getHeader('if-none-match'),
    );
    const isHead = request.getMethod() === 'head';
    response.cork(() => {
      response.writeStatus(status);
      for (const [name, value] of headers) response.writeHeader(name, value);
      // Without the length as argument: given one, this version of uWebSockets.js ends the process.
      if (isHead || body === null) response.endWithoutBody();
      else response.end(body);
    });
  };
  for (const pattern of ['/', '/m/*', ...files.paths]) {
    app.get(pattern, answer);
    app.head(pattern, answer);
  }
}
