import { withoutPictures } from './tour';

it('the tour in the page has no pictures', () => {
  const page = '# A tour\n\nEach picture is real.\n\n![The panel](images/a.png)\n\nThe panel.';
  expect(withoutPictures(page)).toBe('# A tour\n\nThe panel.');
});
