// The reverse proxy of Go's own library before the gateway: reverse_proxy ADDRESS GATEWAY-URL. It writes a line of JSON
// for each request.
package main

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"time"
)

func main() {
	gateway, err := url.Parse(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	forwarded := log.New(os.Stdout, "", 0)
	proxy := &httputil.ReverseProxy{
		Rewrite: func(request *httputil.ProxyRequest) {
			request.SetURL(gateway)
			request.Out.Host = request.In.Host
			request.SetXForwarded()
			random := make([]byte, 16)
			if _, err := rand.Read(random); err != nil {
				log.Fatal(err)
			}
			id, out := hex.EncodeToString(random), request.Out
			out.Header.Set("X-Proxy-Request", id)
			line, err := json.Marshal(map[string]string{
				"id": id, "method": out.Method, "target": out.URL.RequestURI(), "upstream": gateway.Host,
			})
			if err != nil {
				log.Fatal(err)
			}
			forwarded.Println(string(line))
		},
		FlushInterval: -1,
		// A connection is given up before the gateway does it, after 75 s: what is sent just then would be lost.
		Transport: &http.Transport{IdleConnTimeout: 60 * time.Second},
	}
	handler := http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		// Without it Go takes the rest of a body away from the proxy as soon as the gateway refuses it, and sometimes
		// the gateway's answer with it.
		if err := http.NewResponseController(response).EnableFullDuplex(); err != nil {
			log.Fatal(err)
		}
		proxy.ServeHTTP(response, request)
	})
	log.Fatal(http.ListenAndServe(os.Args[1], handler))
}
