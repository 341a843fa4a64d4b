package dialect

// Settings selects the links and buttons by which pages open the settings of
// their consent tool. It is one CSS selector list, as Element.closest reads it.
const Settings = `` +
	// vanilla-cookieconsent 3 and 2, Pressidium
	`[data-cc="show-preferencesModal"],[data-cc="show-consentModal"],[data-cc="c-settings"],` +
	// tarteaucitron
	`.tarteaucitronOpenPanel,a[href="#tarteaucitron"],` +
	// Klaro
	`[onclick*="klaro.show"],` +
	// Cookiebot
	`[href^="javascript:Cookiebot."],[onclick*="Cookiebot.renew"],[onclick*="Cookiebot.show"],` +
	// OneTrust
	`.ot-sdk-show-settings,.optanon-show-settings,.optanon-toggle-display,#ot-sdk-btn,` +
	// Didomi
	`[href^="javascript:Didomi."],[onclick*="Didomi.preferences.show"],[onclick*="Didomi.notice.show"],` +
	// Usercentrics
	`[href="#uc-corner-modal-show"],[href="#uc-central-modal-show"],[onclick*="UC_UI.showSecondLayer"],` +
	// Axeptio, CookieYes, Complianz, Borlabs Cookie, iubenda
	`[href^="javascript:openAxeptioCookies"],[onclick*="openAxeptioCookies"],.cky-banner-element,` +
	`.cmplz-manage-consent,.borlabs-cookie-open-dialog-preferences,.borlabs-cookie-preference,.iubenda-cs-preferences-link`
