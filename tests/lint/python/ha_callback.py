# expect: 18 blocking-in-callback
import requests
from homeassistant.core import HomeAssistant, callback


class Sensor:
    def __init__(self, hass: HomeAssistant):
        self.hass = hass

    def _fetch(self):
        return requests.get("http://dev").json()

    async def async_update(self):
        self.state = await self.hass.async_add_executor_job(self._fetch)

    @callback
    def handle_event(self, event):
        self.state = self._fetch()
