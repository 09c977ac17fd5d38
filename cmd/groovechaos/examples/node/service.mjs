// A small service in front of Groove: pages of music for users.
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { Groove } from './groove.mjs';

/** What a user is told: [status, document]. */
export const honest = {
  result: (document) => [200, { items: namesIn(document), partial: document.Error !== undefined }],
  error: (error) =>
    error.status === 404
      ? [404, { error: { code: 'not-found', message: 'There is nothing of that name.' } }]
      : [503, { error: { code: 'unavailable', message: 'Music is not available right now. Please try again later.' } }],
};

const pages = {
  '/search': (query) => `/1/content/music/search?q=${encodeURIComponent(query.get('q') ?? '')}`,
  '/artist': (query) => `/1/content/${encodeURIComponent(query.get('id') ?? '')}/lookup`,
  '/album': (query) => `/1/content/${encodeURIComponent(query.get('id') ?? '')}/catalog/album/tracks/browse`,
  '/charts': (query) => `/1/content/music/catalog/${query.get('of') ?? 'albums'}/browse?orderBy=AllTimePlayCount`,
  '/latest': (query) => `/1/content/music/catalog/albums/browse?orderBy=ReleaseDate&genre=${encodeURIComponent(query.get('genre') ?? '')}`,
  '/new': (query) => `/1/content/music/newreleases?genre=${encodeURIComponent(query.get('genre') ?? '')}`,
  '/spotlight': (query) => `/1/content/music/spotlight?country=${query.get('country') ?? 'US'}`,
  '/browse': (query) => `/1/content/music/catalog/${query.get('by') ?? 'genres'}`,
};

/** Makes the server; whoever calls it listens. */
export function createService({ groove, told = honest }) {
  return createServer(async (request, response) => {
    const [status, document] = await answer(groove, told, request);
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(document));
  });
}

async function answer(groove, told, request) {
  const url = new URL(request.url, 'http://service');
  const trace = request.headers.traceparent;
  try {
    if (request.method === 'POST' && url.pathname === '/collection') {
      return told.result(await groove.add(url.searchParams.getAll('track'), trace));
    }
    const page = pages[url.pathname];
    if (!page) return [404, { error: { code: 'no-page', message: 'There is no such page.' } }];
    return told.result(await groove.get(page(url.searchParams), trace));
  } catch (error) {
    return told.error(error);
  }
}

/** The names of all items in a document of Groove's, whatever list they are in. */
function namesIn(document) {
  const lists = Object.values(document).map((list) => list?.Items ?? list);
  const items = lists.filter(Array.isArray).flat();
  return items.map((item) => item.Name ?? item.Album?.Name ?? item.Playlist?.Name ?? item.Artist?.Name ?? item.Id ?? String(item));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const base = process.env.GROOVE_BASE_URL;
  const userToken = process.env.GROOVE_USER_TOKEN ?? 'standin-user-subscriber';
  import('./planted.mjs').then(({ planted }) => {
    const { policy, told } = planted[process.env.PLANTED] ?? {};
    createService({ groove: new Groove({ base, userToken, policy }), told }).listen(Number(process.env.PORT ?? 8080), '127.0.0.1');
  });
}
