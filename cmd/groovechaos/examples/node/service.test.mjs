// The suite of the service, as it might be: it starts the service and asks for what users ask for.
// It knows nothing of faults; under a chaos stage it also tells what its users were told.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Groove, sound } from './groove.mjs';
import { createService, honest } from './service.mjs';
import { newTrace, tell } from './chaos.mjs';
import { planted } from './planted.mjs';

const base = process.env.GROOVE_BASE_URL;
const userToken = process.env.GROOVE_USER_TOKEN ?? 'standin-user-subscriber';

describe('the service', { concurrency: true, skip: base ? false : 'GROOVE_BASE_URL is not set' }, () => {
  let service;
  before(async () => {
    const { policy, told } = planted[process.env.PLANTED] ?? { policy: sound, told: honest };
    service = createService({ groove: new Groove({ base, userToken, policy }), told });
    await new Promise((done) => service.listen(0, '127.0.0.1', done));
  });
  after(() => service.close());

  /** Asks for a page, and wants it whole. */
  async function ask(path, method = 'GET') {
    const { id, field } = newTrace();
    const begun = performance.now();
    const response = await fetch(`http://127.0.0.1:${service.address().port}${path}`, { method, headers: { traceparent: field } });
    const page = await response.json();
    await tell(id, response.status, page, performance.now() - begun);
    assert.equal(response.status, 200, `${method} ${path}`);
    assert.equal(page.partial, false, `${method} ${path} is partial`);
    return page;
  }

  for (const name of ['Daft Punk', 'Avicii', 'Katy Perry', 'Madonna', 'Muse', 'Eminem']) {
    test(`search finds ${name}`, async () => {
      const page = await ask(`/search?q=${encodeURIComponent(name)}`);
      assert.ok(page.items.includes(name), page.items.join());
    });
  }
  for (const id of ['C61C0000-0200', '2F531400-0200', '97E60200-0200']) {
    test(`artist ${id} has a page`, async () => assert.ok((await ask(`/artist?id=music.${id}-11DB-89CA-0019B92A3933`)).items.length > 0));
  }
  for (const id of ['B13EB907-0100', '3E362806-0100']) {
    test(`album ${id} has tracks`, async () => assert.ok((await ask(`/album?id=music.${id}-11DB-89CA-0019B92A3933`)).items.length > 0));
  }
  for (const of of ['artists', 'albums', 'tracks']) {
    test(`the charts of ${of}`, async () => assert.ok((await ask(`/charts?of=${of}`)).items.length > 0));
  }
  for (const genre of ['Rock', 'Pop', 'Jazz']) {
    test(`the latest in ${genre}`, async () => assert.ok((await ask(`/latest?genre=${genre}`)).items.length > 0));
  }
  for (const genre of ['Rock', 'Pop', 'Jazz', 'Classical', 'Electronic / Dance']) {
    test(`what is new in ${genre}`, async () => ask(`/new?genre=${encodeURIComponent(genre)}`));
  }
  for (const country of ['US', 'GB', 'FR']) {
    test(`the spotlight in ${country}`, async () => ask(`/spotlight?country=${country}`));
  }
  for (const by of ['genres', 'moods', 'activities']) {
    test(`the list of ${by}`, async () => assert.ok((await ask(`/browse?by=${by}`)).items.length > 0));
  }
  for (const id of ['A83EB907', '27EBA764', '5FE0A33F', '40A238D4']) {
    test(`track ${id} can be collected`, async () => ask(`/collection?track=music.${id}-0100-11DB-89CA-0019B92A3933`, 'POST'));
  }
});
