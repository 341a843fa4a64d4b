package dialect

// videoOptions are those of YouTube's player.
const videoOptions = "theme rel controls showinfo autoplay mute start end loop enablejsapi"

// boxes are those of tarteaucitron, by their class: all that show a frame whose
// address follows from the box alone. The addresses are as its version 1.34 makes
// them. Titles are ASCII, for pages in any charset.
var boxes = map[string]box{
	// films
	"youtube_player":          {title: "YouTube", addresses: []string{"https://www.youtube-nocookie.com/embed/{videoid}"}, options: videoOptions},
	"youtube_playlist_player": {title: "YouTube", addresses: []string{"https://www.youtube-nocookie.com/embed/videoseries?list={playlistid}"}, options: videoOptions},
	"vimeo_player": {title: "Vimeo", addresses: []string{"https://player.vimeo.com/video/{videoid}"},
		options: "byline portrait loop autoplay autopause background color controls maxheight maxwidth muted playsinline speed transparent h=hash"},
	"dailymotion_player": {title: "Dailymotion", addresses: []string{"https://www.dailymotion.com/embed/{embedtype|video}/{videoid}"}, options: "info=showinfo autoPlay=autoplay api"},
	"twitch_player":      {title: "Twitch", addresses: []string{"https://player.twitch.tv/?video={videoid}&parent={host}"}},
	"artetv_player":      {title: "Arte", addresses: []string{"https://www.arte.tv/player/v5/index.php?json_url={json}"}},
	"canalu_player":      {title: "Canal-U", addresses: []string{"https://www.canal-u.tv/embed/{videotitle}"}},
	"webtvnu_player":     {title: "WebTV", addresses: []string{"https://webtv.normandie-univ.fr/permalink/{videoid}/iframe/"}},
	"archive_player":     {title: "Internet Archive", addresses: []string{"https://archive.org/embed/{videoid}"}},
	"tac_playplay":       {title: "PlayPlay", addresses: []string{"https://playplay.com/app/embed-video/{id}"}},
	"tac_videas":         {title: "Videas", addresses: []string{"https://app.videas.fr/embed/{id}/"}},

	// sound
	"spotify_player": {title: "Spotify", addresses: []string{"https://open.spotify.com/embed/{spotifyid}"}},
	"deezer_player":  {title: "Deezer", addresses: []string{"https://widget.deezer.com/widget/{theme|auto}/{embedtype|album}/{deezerid}"}, options: "tracklist radius"},
	"soundcloud_player": {title: "SoundCloud", size: "100%",
		addresses: []string{"https://w.soundcloud.com/player/?url={=playable-url}", "https://w.soundcloud.com/player/?url=https%3A//api.soundcloud.com/{playable-type}/{playable-id}"},
		options:   "hide_related=hide-related color auto_play=auto-play show_comments=show-comments show_user=show-user show_reposts=show-reposts show_teaser=show-teaser visual show_artwork=artwork"},
	"ausha_player":    {title: "Ausha", size: "100%", addresses: []string{"https://player.ausha.co/index.html?podcastId={podcast-id}&v=3"}, options: "playlist color playerId=player-id"},
	"bandcamp_player": {title: "Bandcamp", addresses: []string{"https://bandcamp.com/EmbeddedPlayer/album={albumid}/size={size|large}/artwork={artwork|big}/transparent=true/"}},
	"mixcloud_embed":  {title: "Mixcloud", addresses: []string{"https://www.mixcloud.com/widget/iframe/?feed={id}"}, options: "hide_cover=hidecover mini light"},
	"acast_embed":     {title: "Acast", addresses: []string{"https://embed.acast.com/{id1}/{id2}"}, options: "seek"},
	"fculture_embed":  {title: "France Culture", addresses: []string{"https://www.franceculture.fr/player/export-reecouter?content={id}"}},

	// maps, weather
	"googlemaps-canvas": {title: "Google Maps", size: "100%", addresses: []string{"https://maps.google.com/maps?q={latitude},{longitude}&z={zoom|15}&output=embed"}},
	"googlemaps_embed":  {title: "Google Maps", addresses: []string{"https://www.google.com/maps/embed?pb={id}"}},
	"googlemapsembed":   {title: "Google Maps", addresses: []string{"{url}"}},
	"googlemapssearch":  {title: "Google Maps", addresses: []string{"https://www.google.com/maps/embed/v1/place?q={=search}&key={api-key}"}},
	"openstreetmap":     {title: "OpenStreetMap", addresses: []string{"{url}"}},
	"geoportail":        {title: "Geoportail", addresses: []string{"{url}"}},
	"tac_meteofrance":   {title: "Meteo-France", addresses: []string{"https://meteofrance.com/widget/prevision/{insee}"}},

	// documents, presentations
	"calameo-canvas":        {title: "Calameo", addresses: []string{"https://v.calameo.com/?bkcode={id}"}},
	"calameolibrary-canvas": {title: "Calameo", addresses: []string{"https://v.calameo.com/library/?type=subscription&id={id}"}},
	"gagenda_embed":         {title: "Google Calendar", addresses: []string{"https://www.google.com/calendar/embed?{data}"}},
	"gallica_player":        {title: "Gallica", addresses: []string{"{src}"}},
	"gdocs_embed":           {title: "Google Docs", addresses: []string{"https://docs.google.com/document/d/e/{id}/pub?embedded=true"}},
	"gforms_embed":          {title: "Google Forms", addresses: []string{"https://docs.google.com/forms/d/e/{id}/viewform?embedded=true"}},
	"gsheets_embed":         {title: "Google Sheets", addresses: []string{"https://docs.google.com/spreadsheets/d/e/{id}/pubhtml?widget=true"}, options: "headers"},
	"gslides_embed":         {title: "Google Slides", addresses: []string{"https://docs.google.com/presentation/d/e/{id}/embed"}, options: "start=autostart loop delayms=delay"},
	"issuu_player":          {title: "Issuu", addresses: []string{"https://e.issuu.com/embed.html?{issuuid}"}},
	"matterport":            {title: "Matterport", addresses: []string{"https://my.matterport.com/show/?m={matterportid}{parameters|}"}},
	"prezi-canvas":          {title: "Prezi", addresses: []string{"https://prezi.com/embed/{id}/"}},
	"slideshare-canvas":     {title: "SlideShare", addresses: []string{"https://www.slideshare.net/slideshow/embed_code/key/{id}"}},
	"tac_genially":          {title: "Genially", addresses: []string{"https://view.genial.ly/{geniallyid}"}},
	"timelinejs-canvas": {title: "TimelineJS", addresses: []string{"https://cdn.knightlab.com/libs/timeline/latest/embed/index.html?source={spreadsheet_id}"},
		options: "font maptype=map lang=lang_2_letter start_at_end hash_bookmark start_at_slide start_zoom_adjust=start_zoom height"},

	// others
	"discord_widget":   {title: "Discord", addresses: []string{"https://discord.com/widget?id={guildid}"}},
	"instagram_post":   {title: "Instagram", addresses: []string{"https://www.instagram.com/p/{postid}/embed", "https://www.instagram.com/{pageid}/embed"}},
	"tac_facebookpost": {title: "Facebook", addresses: []string{"https://www.facebook.com/plugins/post.php?href={=url}&show_text={show-text|false}"}, options: "width height appId=appid"},
	"tac_helloasso":    {title: "HelloAsso", addresses: []string{"{url}"}},
	"tac_iframe":       {addresses: []string{"{url}"}},
	"tac_podcloud":     {title: "podCloud", addresses: []string{"{url}"}},
}

// managed are the services of iframemanager. The address of each stands in the
// site's own script; these are the ones its documentation gives.
var managed = map[string]box{
	"dailymotion": {title: "Dailymotion", addresses: []string{"https://www.dailymotion.com/embed/video/{id}"}},
	"google-maps": {title: "Google Maps", addresses: []string{"https://www.google.com/maps/embed?pb={id}"}},
	"googlemaps":  {title: "Google Maps", addresses: []string{"https://www.google.com/maps/embed?pb={id}"}},
	"twitch":      {title: "Twitch", addresses: []string{"https://player.twitch.tv/?{id}&parent={host}"}},
	"vimeo":       {title: "Vimeo", addresses: []string{"https://player.vimeo.com/video/{id}"}},
	"youtube":     {title: "YouTube", addresses: []string{"https://www.youtube-nocookie.com/embed/{id}"}},
}
