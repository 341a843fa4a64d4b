package dialect

import "strings"

// networks are those whose posts are quotes at first, by the class of these, and the
// scripts that make posts of them, as the networks give them to paste.
var networks = map[string]struct{ title, script string }{
	"bluesky-embed":   {"Bluesky", "https://embed.bsky.app/static/embed.js"},
	"instagram-media": {"Instagram", "https://www.instagram.com/embed.js"},
	"reddit-card":     {"Reddit", "https://embed.reddit.com/widgets.js"},
	"reddit-embed-bq": {"Reddit", "https://embed.reddit.com/widgets.js"},
	"text-post-media": {"Threads", "https://www.threads.com/embed.js"},
	"tiktok-embed":    {"TikTok", "https://www.tiktok.com/embed.js"},
	"twitter-tweet":   {"X", "https://platform.twitter.com/widgets.js"},
	"twitter-video":   {"X", "https://platform.twitter.com/widgets.js"},
}

// posts are the frames for the places above quotes, by the class of these.
var posts = func() map[string]string {
	frames := make(map[string]string)
	for class, network := range networks {
		frame := newFrame(network.script, network.title)
		frame.add("width", "100%")
		frame.add("height", "180")
		frame.add("frameborder", "0")
		frames[class] = frame.end(false)
	}
	return frames
}()

// Post recognises a blockquote that a network's script replaces with a post. It
// returns a frame for the place above the quote, as long as that script does not
// run: its address is that of the script, so that it is refused with it.
func Post(attr Attributes) (f Filling, ok bool) {
	class, _ := attr("class")
	for name := range strings.FieldsSeq(class) {
		if frame, ok := posts[name]; ok {
			return Filling{Frame: frame, Waits: true}, true
		}
	}
	return Filling{}, false
}
