/** A few documents, cut into passages, one of each kind of place a source can stand at. */

/**
 * @typedef {{ page?: number, slide?: number, sheet?: string, range?: string, heading?: string, part?: string }} Locator
 * @typedef {{ passage_id: string, text: string, locator: Locator }} Passage
 * @typedef {{ file_id: string, file: string, link: string, passages: Passage[] }} Document
 */

/** @type {Document[]} */
export const DOCUMENTS = [
  {
    file_id: 'file-travel',
    file: 'Travel and Expenses Policy v4.pdf',
    link: 'https://drive.google.com/file/d/file-travel/view#page=3',
    passages: [
      {
        passage_id: 'travel-1',
        locator: { page: 2, heading: '2 Booking' },
        text: 'Trips are booked through the travel desk at least ten days ahead. Rail comes before air wherever the journey by rail takes less than five hours.',
      },
      {
        passage_id: 'travel-2',
        locator: { page: 3, heading: '3 Allowances > Hotels' },
        text: 'Hotels are booked up to the limit of the city. Porto and Lisbon: 140 EUR per night. London: 195 EUR per night. Copenhagen: 180 EUR per night. Breakfast is included in these amounts. A higher price needs the approval of the head of department before the booking.',
      },
      {
        passage_id: 'travel-3',
        locator: { page: 3, heading: '3 Allowances > Own car' },
        text: 'For the use of one’s own car 0.38 EUR per kilometre are paid. Parking is refunded against a receipt; fines are not.',
      },
    ],
  },
  {
    file_id: 'file-prices',
    file: 'Price List 2025.xlsx',
    link: 'https://drive.google.com/file/d/file-prices/edit#gid=0&range=A5',
    passages: [
      {
        passage_id: 'prices-1',
        locator: { sheet: 'Kettles', range: 'A1:D7' },
        text: 'Article | Name | List price EUR | Reseller EUR\nMRC-100 | Merrow Classic | 79.00 | 60.83\nMRP-200 | Merrow Pro | 118.00 | 92.04\nTGN-300 | Tarn Gooseneck | 96.00 | 74.88\nMCO-050 | Merrow Compact | 54.00 | 42.12',
      },
      {
        passage_id: 'prices-2',
        locator: { sheet: 'Kettles', range: 'A8:D9' },
        text: 'Prices hold from 1 January 2025, without value added tax. Resellers order at least 60 units.',
      },
    ],
  },
  {
    file_id: 'file-hands',
    file: 'All Hands Q1 2025.pptx',
    link: 'https://drive.google.com/file/d/file-hands/edit#slide=4',
    passages: [
      {
        passage_id: 'hands-3',
        locator: { slide: 3 },
        text: 'Sales by region\nIberia +12 %\nDACH +6 %\nUnited Kingdom +3 %\nNordics −4 %',
      },
      {
        passage_id: 'hands-4',
        locator: { slide: 4 },
        text: 'Summer party\n4 July 2025, Quinta das Pedras\nBuses leave the Porto plant at 16:00',
      },
    ],
  },
  {
    file_id: 'file-runbook',
    file: 'runbook_webshop_outage.md',
    link: 'https://drive.google.com/file/d/file-runbook/view',
    passages: [
      {
        passage_id: 'runbook-1',
        locator: { heading: 'Runbook: webshop outage > First ten minutes' },
        text: 'Declare the incident in the channel #shop-incident and name one incident lead. Put the shop into read-only mode: shopctl mode readonly.',
      },
      {
        passage_id: 'runbook-2',
        locator: { heading: 'Runbook: webshop outage > Database' },
        text: 'Role | Host | Notes\nprimary | kestrel-1 | Porto\nreplica | kestrel-2 | Leeds, lag normally under 3 s',
      },
      {
        passage_id: 'runbook-3',
        locator: { heading: 'Runbook: webshop outage > Database' },
        text: 'Fail over with shopctl db promote kestrel-2. Do not promote while the lag is above 30 seconds: orders would be lost.',
      },
    ],
  },
  {
    file_id: 'file-case',
    file: 'Case 8841 thermostat.eml',
    link: 'https://drive.google.com/file/d/file-case/view',
    passages: [
      {
        passage_id: 'case-1',
        locator: { part: 'text/plain' },
        text: 'The thermostats of serial numbers MC-2411-00900 to MC-2411-01250 switch off too late. Please exchange them free of charge.',
      },
    ],
  },
];

/**
 * A source as the service sends it.
 * @param {number} n
 * @param {string} passageId
 * @param {string} [quote] the passage's own text when left out
 */
export function sourceOf(n, passageId, quote) {
  for (const document of DOCUMENTS) {
    const passage = document.passages.find(({ passage_id }) => passage_id === passageId);
    if (passage) {
      const { file_id, file, link } = document;
      return {
        n,
        file_id,
        file,
        link,
        locator: passage.locator,
        quote: quote ?? passage.text,
        passage_id: passageId,
        superseded_by: '',
      };
    }
  }
  throw new Error(`no passage ${passageId}`);
}
